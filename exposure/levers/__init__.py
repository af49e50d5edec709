"""The levers of a transmission: draws, reverse stress, profit and loss by lever."""
