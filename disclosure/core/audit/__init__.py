"""The auditor, independent of suppression: what a pattern gives away, exactly and within required protection."""
