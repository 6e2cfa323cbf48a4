"""Web addresses in a text: found as people write them, and nothing else taken for one."""

import pytest

from entraide.lib.addresses import MOST, addresses_in


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("Voir https://example.org/page.", ["https://example.org/page"]),
        ("(voir https://example.org/a_(b))", ["https://example.org/a_(b)"]),
        ("« www.example.org », puis HTTP://EXAMPLE.COM?a=1!", ["https://www.example.org", "http://example.com?a=1"]),
        ("deux fois https://example.org https://example.org", ["https://example.org"]),
        ("javascript:alert(1) data:text/html,x ftp://example.org mailto:a@example.org", []),
        ("http://nowhere https:// http://[:: https://example.org:port/", []),
        ("https://example.org:8080/a https://example.org:99999/", ["https://example.org:8080/a"]),
        ("https://mauvais.example\\.example.org/ https://m%61uvais.example/ https://a..example/", []),
        ("https://banque.example@mauvais.example/", []),
        ("http://" + "a" * 70 + ".example/", []),
        ("aucune adresse ici, www. non plus", []),
    ],
)
def test_what_is_an_address(text, urls):
    assert [address.url for address in addresses_in(text)] == urls


def test_where_it_leads_is_said_in_letters_that_deceive_nobody():
    [address] = addresses_in("https://www.раураl.com/compte")

    assert address.host == "www.xn--l-7sba6dbr.com"


@pytest.mark.parametrize("host", ["www.раураl.com", "straße.example", "EXAMPLE。ORG"])
def test_it_leads_where_it_says_whatever_a_browser_makes_of_the_letters(host):
    [address] = addresses_in(f"https://{host}/compte?a=é#b")

    assert address.url == f"https://{address.host}/compte?a=é#b"
    assert address.host.isascii()


def test_a_text_made_of_addresses_is_no_wall_of_links():
    assert len(addresses_in(" ".join(f"https://example.org/{number}" for number in range(99)))) == MOST


def test_a_long_text_without_a_blank_takes_no_time():
    assert addresses_in("www." * 100_000 + "!" * 100_000) is not None
