"""A file a command: HELP, its arguments, and `main`.

They are read before anything is installed, to understand what was typed: what
a command needs beside the standard library, it imports when it runs.
"""
