"""Making the default head out of ICT-FaceKit Light. Needs the extra `build`; nothing of it runs in the program."""
