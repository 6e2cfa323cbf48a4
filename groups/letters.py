"""The first words of what staff write to a proposer, in the group's language. They are changed before they leave."""

from django.utils import translation
from django.utils.translation import gettext as _

from groups.proposal_forms import TO_FILL_IN


def acceptance(proposal) -> str:
    with translation.override(proposal.language):
        return _(
            "Hello,\n\n"
            "Your group “%(name)s” is accepted. Thank you for opening a circle.\n\n"
            "You go in first, from this page, under the name that you choose there. You are then its first volunteer"
            " facilitator: you welcome, you start the round, you keep an eye on the time. It is a service, and others"
            " can take their turn.\n\n"
            "From that moment the group belongs to its members. The welcome team sees nothing of what happens inside."
            "\n\n"
            "The welcome team"
        ) % {"name": proposal.name}


def question(proposal) -> str:
    with translation.override(proposal.language):
        return _(
            "Hello,\n\n"
            "Thank you for your proposal. We have read it with care. Before we answer, we would like to understand one"
            " thing better:\n\n"
            "%(place)s\n\n"
            "There is no right answer, and nothing to prove. You can answer in your own words, or change those of your"
            " proposal, whenever you wish.\n\n"
            "The welcome team"
        ) % {"place": TO_FILL_IN}


def refusal(proposal) -> str:
    with translation.override(proposal.language):
        return _(
            "Hello,\n\n"
            "Thank you for your proposal, and for the wish to bring people together. We cannot keep it as it is. Here"
            " is why:\n\n"
            "%(place)s\n\n"
            "This is no judgement on you, nor on what you live through. You can propose the group again from this page,"
            " starting from your own words.\n\n"
            "If today is a hard day, the Help now page gives people to call, at any hour.\n\n"
            "The welcome team"
        ) % {"place": TO_FILL_IN}
