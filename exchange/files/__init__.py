"""What is read from and written to the file system: sources of any kind in, whole files and folders out.

Nothing here knows what the bytes mean. Read `sources`, then `writing`.
"""
