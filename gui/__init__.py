"""The editor: Qt widgets over `core`, and pictures of faces with OpenGL.

    pen, sliders, menus -> Command -> Document -> session -> scheduler (a thread) -> Delivery -> viewport, canvas
    (panels, viewport,     (core)     (core)     (controllers)                                 -> OpenGL -> pixels
     canvas, window)

A widget never changes another: it executes a command, and every view follows the document. Each floor imports those
below it and none above or beside it; from the ground up:

- `theme`, `settings_file`, `picture_file`, `qt_start`: the look, settings on the disk, pictures, Qt's start.
- `render`: pictures of heads with moderngl, without Qt.
- `preferences`: what an artist prefers on this machine.
- `widgets`: sliders, groups and buttons that know no document.
- `controllers`: the editor without its widgets: session, tools, background work.
- `panels`, `canvas`, `viewport`, `manual`: what is seen; none knows of another.
- `timeline`, `dialogs`, `window`: keys over time; what asks; the main window that holds all of it.
- `smoke`, `app`, `cli`: a test run of the window, the program's start, the commands that need pictures.

Threads: widgets, document and session live on the thread of Qt. Detail, jobs, skin colour, the photo and its pins,
looks for engines and for devices each have a thread of their own in `controllers`; their results arrive as queued Qt
signals.

Signals: values that change and know no Qt (document, tool and view settings, selection) tell by psygnal, at once and on
the caller's thread. What has a widget, a timer or a thread is a QObject with Qt's signals.
"""
