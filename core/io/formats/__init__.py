"""File formats of maps: what each file says of itself, and the stored values of the channels that are wanted."""
