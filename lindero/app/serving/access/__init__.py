"""Who is answered: origin, login, limits of what is sent."""
