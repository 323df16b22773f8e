"""WhatsApp, by Meta's Cloud API: posts come to a door, messages go out by HTTP."""
