"""What was acknowledged stays, and is there once, whatever is killed or hangs meanwhile.

Real server processes, real stores, and clients that do what clients should: whoever gets no answer
asks again with the same key. DURABILITY_WRITES says how many writes a test makes.
"""
