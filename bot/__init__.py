"""A campaign chatbot: a supporter hears the story of a detained person and acts for them."""

__version__ = "0.1.0"
