"""The networks as torch modules: the reference that training optimises and the run time is held to."""
