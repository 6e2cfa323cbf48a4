"""What the terminal says once the demonstration serves: where it is, who is in it, what to try."""

TEXT = """
  entraide   {site}/
  Courrier / mailbox   {site}/demo/inbox/

  Pour se connecter : donnez une de ces adresses, puis le code à six chiffres arrivé dans le courrier.
  To sign in: give one of these addresses, then the six-digit code that lands in the mailbox.

    camille@demo.example   dans aucun groupe / in no group yet: a newcomer
    bouleau@demo.example   anime « Les mardis au long cours » / facilitator of that group
    tilleul@demo.example   membre du même groupe / member of the same group
    cedre@demo.example     y lit ses courriels en anglais / reads their e-mails in English there
    accueil@demo.example   équipe, second facteur affiché dans le courrier / staff, second factor shown there
    relais@demo.example    une deuxième personne de l'équipe / a second person of the staff

  Cinq choses à essayer / five things to try

    1. Camille : trouvez un groupe dans la liste et rejoignez-le en trois pages.
       Find a group in the list and join it in three pages.
    2. Lisez un récit, répondez « je m'y reconnais », puis écrivez le vôtre.
       Read a story, answer it, then write your own.
    3. Bouleau : prévoyez une rencontre des « mardis au long cours ».
       As Bouleau, schedule a meeting of that group.
    4. Attendez le rappel : il arrive dans le courrier en moins d'une minute.
       Wait for the reminder: it lands in the mailbox within a minute.
    5. Proposez un groupe, approuvez-le avec le compte accueil : l'équipe n'ouvre rien à l'intérieur.
       Propose a group, approve it as staff, then see that staff open nothing inside.

  Ctrl-C arrête tout ; les données restent. bin/demo --reset recommence à neuf.
  Ctrl-C stops everything and keeps the data. bin/demo --reset starts afresh.
"""


def welcome(site: str) -> str:
    return TEXT.format(site=site)
