"""What puts an answer on a medium: pages, paper, phone, site, files, text and the court's folder."""
