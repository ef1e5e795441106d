"""Who asked for what, and where it stands: partners, people, requests, workflow, events, notices, delivery."""
