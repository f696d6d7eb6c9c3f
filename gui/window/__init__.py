"""The main window: its actions, menus, bars and docks, and what each action does."""
