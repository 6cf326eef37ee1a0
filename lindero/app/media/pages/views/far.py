"""Far: communities without a concession within a distance of their land."""

from lindero.app.answers.far import FAR
from lindero.app.media.pages.declared_page import show_page

show_page(FAR)
