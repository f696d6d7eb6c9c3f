"""Files of the disk: opened only when they are what they should be, written completely or not at all.

Every reader of the program opens files through `reading` and every writer through `writing`: what a stranger's
file can do to the program, and what the program can do to an artist's files, is settled here.
"""
