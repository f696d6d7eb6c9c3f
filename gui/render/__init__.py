"""Drawing the head with moderngl, without Qt. The viewport and the command line share it."""
