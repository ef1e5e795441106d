"""What a person may see. Unseen is not there: views turn `DoesNotExist` into 404."""
