"""Laws as data, the human-rights criteria, challenges, authorities and local bans."""
