"""The texts that agents and employees sign, and what an agreement is worth on a day."""
