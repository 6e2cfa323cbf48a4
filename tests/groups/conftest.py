import pytest


@pytest.fixture
def find(db, visit):
    """find(q="deuil") gives the names of the groups, in the order of the page; find.page is that page."""

    def names(**query):
        names.page = visit().get("/groups/", query)
        assert names.page.status_code == 200
        return [group.name for group in names.page.context["page_obj"]]

    return names
