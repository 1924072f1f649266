"""The live process: rooms, sockets and their clock."""
