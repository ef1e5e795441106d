"""What people type, checked for shape only; rules are in policies, services and the form's own `missing`."""
