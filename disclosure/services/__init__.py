"""From contributions to a protected, audited, sealed package."""
