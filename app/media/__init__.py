"""No Flask, no IO, no clock, no threads: numbers in, numbers out."""
