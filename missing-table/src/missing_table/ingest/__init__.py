"""From a message to a stored match: what it states, whose teams they are, how it joins what is known."""
