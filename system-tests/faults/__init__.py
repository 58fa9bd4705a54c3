"""What breaks while matches are on their way: each fault strikes real processes in the middle of a load.

At the end every match that the producer has confirmed must be stored once, with every field as it was sent.
"""
