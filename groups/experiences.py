"""The words that people have for what they live, in both languages, and the lived experiences that these words name.

A curated list, made to be added to: words and phrases between commas, French first. Accents, case, plurals and the
feminine are forgiven, so that `endeuillé` stands for `endeuillées`. A word may stand in several lists.
"""

import re
from functools import cache

from django.utils import translation

from entraide.lib.words import folded
from groups.models.group import LivedExperience

NAMED_BY = {
    "grief": """
        deuil, endeuillé, mort, mourir, décès, décédé, défunt, disparu, perdre quelqu’un, perdu, perte, veuf, veuve,
        veuvage, orphelin, orpheline, obsèques,
        grief, grieving, bereaved, bereavement, mourning, death, dead, died, dying, loss, lost, lost someone, widow,
        widower, widowed, widowhood, orphan, funeral""",
    "perinatal_loss": """
        deuil périnatal, fausse couche, mort-né, bébé mort, interruption de grossesse, avortement, perdu un bébé,
        mort in utero, bébé, grossesse,
        miscarriage, stillbirth, stillborn, baby loss, pregnancy loss, abortion, lost a baby, baby, pregnancy""",
    "suicide_loss": """
        suicide, suicidé, endeuillé par suicide, deuil par suicide, s’est suicidé, s’est tué, s’est enlevé la vie,
        suicide, suicide loss, bereaved by suicide, killed himself, killed herself, took his life, took her life""",
    "caregiving": """
        proche aidant, proche aidance, aidant, aidante, aidant naturel, prendre soin, soigner, dépendant, perte
        d’autonomie, alzheimer, démence, parkinson, mémoire, âgé, vieillissant, sclérose, malade,
        caregiver, caregiving, carer, caring, caring for somebody, looking after, alzheimer, dementia, parkinson,
        memory, elderly, ageing, aging""",
    "parenting": """
        parent, parentalité, mère, père, maman, papa, enfant, adolescent, ado, fils, fille, fugue, scolarisation,
        école, décrochage, protection de la jeunesse, DPJ, placement, monoparental, enfant en crise,
        parent, parenting, mother, father, mum, mom, dad, child, kid, teenager, teen, son, daughter, school,
        runaway, single parent, single mother, foster, child in crisis""",
    "after_birth": """
        post-partum, postnatal, dépression post-partum, baby blues, jeune mère, jeune parent, accouchement,
        naissance, allaitement, prématuré, maternité, paternité, bébé,
        postpartum, postnatal, baby blues, birth, new mother, new parent, new mum, new mom, breastfeeding,
        premature, motherhood, fatherhood, baby""",
    "near_addiction": """
        alcoolique, alcool, boit, boire, drogue, se drogue, consomme, codépendance, codépendant, al-anon, alanon,
        entourage, proche dépendant,
        alcoholic, alcohol, drinks, drinking, drugs, uses, codependency, codependent, al-anon, alanon, somebody
        close""",
    "near_illness": """
        santé mentale, maladie mentale, trouble mental, schizophrénie, psychose, bipolaire, entourage, proche
        malade,
        mental health, mental illness, schizophrenia, psychosis, bipolar, somebody close""",
    "depression": """
        dépression, dépressif, déprimé, déprime, tristesse, triste, cafard, mélancolie, vide, antidépresseur, jours
        gris, idées noires, mal-être, santé mentale,
        depression, depressed, depressive, sad, sadness, low mood, melancholy, empty, antidepressant, the blues,
        mental health""",
    "anxiety": """
        anxiété, anxieux, angoisse, angoissé, panique, attaque de panique, crise de panique, crise d’angoisse,
        phobie, phobie sociale, agoraphobie, peur, TOC, stress, inquiétude, santé mentale,
        anxiety, anxious, panic, panic attack, phobia, social anxiety, agoraphobia, fear, OCD, stress, worry, mental
        health""",
    "bipolar": """
        bipolaire, bipolarité, trouble bipolaire, maniaque, manie, maniaco-dépressif, humeur, lithium, santé
        mentale,
        bipolar, bipolar disorder, mania, manic, manic depression, mood, lithium, mental health""",
    "voices": """
        voix, entendre des voix, entendeur de voix, psychose, psychotique, schizophrénie, schizophrène, délire,
        hallucination, santé mentale,
        voices, hearing voices, voice hearer, psychosis, psychotic, schizophrenia, schizophrenic, delusion,
        hallucination, mental health""",
    "suicidal": """
        suicide, suicidaire, idées suicidaires, idées noires, envie de mourir, plus envie de vivre, tentative,
        tentative de suicide, automutilation, scarification, me faire du mal,
        suicide, suicidal, suicidal thoughts, thoughts of suicide, want to die, attempt, suicide attempt, self-harm,
        self harm, cutting, hurting myself""",
    "eating": """
        anorexie, anorexique, boulimie, boulimique, hyperphagie, trouble alimentaire, troubles des conduites
        alimentaires, TCA, manger, poids, nourriture, compulsion, outremangeur,
        anorexia, anorexic, bulimia, bulimic, binge eating, binge, eating, eating disorder, food, weight, overeater,
        overeating""",
    "addiction": """
        dépendance, addiction, addict, toxicomanie, toxicomane, drogue, cocaïne, crack, héroïne, opioïde, fentanyl,
        cannabis, médicament, alcool, alcoolisme, alcoolique, AA, boire, boit, boisson, bière, sobriété, sobre,
        abstinence, abstinent, sevrage, rétablissement, désintox, arrêter de boire, arrêté de boire, tabac, fumer,
        cigarette, pornographie, sexe, écran, jeux vidéo, cyberdépendance,
        addiction, addict, substance use, drugs, cocaine, crack, heroin, opioid, fentanyl, cannabis, weed, pills,
        alcohol, alcoholism, alcoholic, drink, drinking, booze, sobriety, sober, recovery, detox, withdrawal, rehab,
        smoking, tobacco, porn, sex addiction, screens, gaming""",
    "gambling": """
        jeu, jeu compulsif, jeu pathologique, joueur, joueur compulsif, casino, pari, paris sportifs, loterie,
        machine à sous, poker, dette,
        gambling, gambler, betting, bet, casino, lottery, slots, slot machine, poker, debt""",
    "pain": """
        douleur, douleur chronique, mal de dos, dos, migraine, fibromyalgie, arthrite, arthrose, endométriose,
        névralgie, souffrance physique,
        pain, lasting pain, chronic pain, back pain, migraine, fibromyalgia, arthritis, endometriosis, neuralgia""",
    "illness": """
        maladie, maladie chronique, longue maladie, malade, diabète, sclérose en plaques, parkinson, covid long,
        encéphalomyélite, fatigue chronique, maladie rare, VIH, sida, lupus, crohn, colite, rein, dialyse, coeur,
        infarctus, AVC, greffe, épilepsie, acouphène,
        illness, chronic illness, long illness, sick, ill, diabetes, multiple sclerosis, parkinson, long covid,
        chronic fatigue, rare disease, HIV, AIDS, lupus, crohn, colitis, kidney, dialysis, heart, stroke,
        transplant, epilepsy, tinnitus""",
    "cancer": """
        cancer, tumeur, leucémie, lymphome, chimiothérapie, chimio, radiothérapie, mastectomie, rémission,
        métastase,
        cancer, tumor, tumour, leukemia, lymphoma, chemotherapy, chemo, radiotherapy, mastectomy, remission""",
    "disability": """
        handicap, handicapé, situation de handicap, fauteuil roulant, paralysie, paralysé, paraplégique, amputation,
        aveugle, malvoyant, cécité, sourd, surdité, malentendant, déficience, lésion cérébrale, traumatisme crânien,
        disability, disabled, wheelchair, paralysis, paralyzed, paraplegic, amputation, blind, blindness, low
        vision, deaf, deafness, hard of hearing, brain injury""",
    "neurodiversity": """
        autisme, autiste, autistique, asperger, TSA, TDAH, TDA, déficit de l’attention, hyperactif, hyperactivité,
        neurodivergent, neuroatypique, dyslexie, dyspraxie, tourette, haut potentiel,
        autism, autistic, asperger, ADHD, ADD, attention deficit, hyperactive, neurodivergent, neurodiversity,
        dyslexia, dyspraxia, tourette""",
    "trauma": """
        traumatisme, trauma, traumatisé, stress post-traumatique, TSPT, SSPT, attentat, accident, guerre, vétéran,
        militaire, catastrophe, incendie, inondation, agression, agressé, enfance, maltraitance, négligence,
        trauma, traumatized, traumatic, PTSD, post-traumatic, attack, accident, war, veteran, military, disaster,
        flood, assault, assaulted, childhood, neglect""",
    "violence": """
        violence, violence conjugale, violence familiale, femme battue, battu, emprise, contrôle coercitif,
        manipulation, pervers narcissique, coups, abus, abusif, maltraitance, harcèlement, intimidation, ex violent,
        violence, violence at home, domestic violence, domestic abuse, battered, abuse, abusive, abused, coercive
        control, manipulation, narcissist, harassment, bullying, bullied""",
    "sexual_violence": """
        viol, violé, inceste, agression sexuelle, abus sexuel, violence sexuelle, pédophilie, pédocriminalité,
        attouchement, harcèlement sexuel,
        rape, raped, incest, sexual assault, sexual abuse, sexual violence, molested, childhood sexual abuse, sexual
        harassment""",
    "separation": """
        séparation, séparé, rupture, divorce, divorcé, ex, garde partagée, garde, célibataire, quitté, trahison,
        infidélité, couple, famille recomposée, coeur brisé,
        separation, separated, breakup, break-up, divorce, divorced, ex, custody, single again, betrayal,
        infidelity, cheated, couple, stepfamily, broken heart""",
    "infertility": """
        infertilité, infertile, stérilité, stérile, PMA, FIV, fécondation, procréation assistée, désir d’enfant,
        sans enfant, avoir un enfant,
        infertility, infertile, IVF, fertility, trying to conceive, childless, involuntary childless""",
    "burnout": """
        épuisement, épuisement professionnel, épuisé, burnout, burn-out, surmenage, surmené, arrêt de travail, arrêt
        maladie, travail, emploi, fatigue, fatigué, à bout,
        burnout, burned out, burnt out, exhaustion, exhausted, overworked, sick leave, off work, work, job, tired""",
    "job_loss": """
        chômage, chômeur, sans emploi, perte d’emploi, emploi, travail, licencié, licenciement, congédié, faillite,
        retraite, retraité, pauvreté, précarité, dette, surendettement,
        unemployment, unemployed, job loss, lost my job, job, work, laid off, fired, redundancy, bankruptcy,
        retirement, retired, poverty, debt""",
    "loneliness": """
        solitude, seul, isolement, isolé, personne à qui parler, sans ami, célibataire, exclusion, rejet,
        loneliness, lonely, alone, isolation, isolated, no one to talk to, nobody to talk to, no friends, single,
        rejection""",
    "exile": """
        exil, exilé, immigration, immigrant, immigré, migrant, migration, réfugié, demandeur d’asile, asile,
        sans-papiers, nouvel arrivant, expatrié, déracinement, pays, racisme,
        exile, immigration, immigrant, migrant, migration, refugee, asylum, asylum seeker, undocumented, newcomer,
        expat, uprooted, homesick, racism""",
    "identity": """
        orientation sexuelle, identité de genre, genre, homosexuel, homosexualité, gai, gay, lesbienne, bisexuel,
        trans, transgenre, non binaire, queer, LGBT, LGBTQ, LGBTQ+, coming out, transition, intersexe,
        sexual orientation, gender identity, gender, homosexual, gay, lesbian, bisexual, trans, transgender,
        non-binary, nonbinary, queer, LGBT, LGBTQ, LGBTQ+, coming out, transition, intersex""",
    "prison": """
        prison, détention, détenu, incarcération, incarcéré, parloir, libération, ex-détenu, casier judiciaire,
        justice,
        prison, jail, inmate, incarceration, incarcerated, released, ex-offender, criminal record, justice""",
}
# Whom it is about, beside what it is: « j’ai perdu mon mari », "my brother drinks".
KIN = """
    mari, femme, conjoint, mère, père, maman, papa, parent, frère, soeur, fils, fille, enfant, ado, ami, proche,
    husband, wife, partner, mother, father, mum, mom, dad, brother, sister, son, daughter, child, friend, family"""
LONGEST = 8  # words in a phrase


def terms(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """What is looked for, each with the lived experiences that it names: « perdre quelqu’un » is one term, names grief.

    Every term must be found in a group's sheet, as words of it or as its lived experience. The person whom it is about
    needs not be found where something else names what is lived.
    """
    found = list(_terms(_words(text)))
    what = [(words, codes) for words, codes in found if _key([words]) not in _kin()]
    return what if any(codes for _, codes in what) else found


def _terms(words):
    at = 0
    while at < len(words):
        length = next(n for n in range(LONGEST, 0, -1) if n == 1 or _key(words[at : at + n]) in _names())
        phrase = words[at : at + length]
        yield " ".join(phrase), _names().get(_key(phrase), ())
        at += length


@cache
def topics(language: str) -> list[str]:
    """The names of the lived experiences, to be searched for with one tap."""
    with translation.override(language):
        return sorted((str(one.label) for one in LivedExperience if one != LivedExperience.OTHER), key=folded)


@cache
def _names() -> dict[tuple[str, ...], tuple[str, ...]]:
    found = {}
    for code, lists in NAMED_BY.items():
        for phrase in (*lists.split(","), *_labels(code)):
            codes = found.setdefault(_key(_words(phrase)), {})
            codes[code] = None
    return {key: tuple(codes) for key, codes in found.items() if key}


@cache
def _kin() -> set[tuple[str, ...]]:
    return {_key(_words(word)) for word in KIN.split(",")}


def _labels(code):
    for language in ("fr", "en"):
        with translation.override(language):
            yield str(LivedExperience(code).label)


def _words(text):
    return re.findall(r"\w+", text)


def _key(words):
    return tuple(_stem(folded(word).replace("œ", "oe")) for word in words)


def _stem(word):
    """Without its plural and its feminine: `endeuillées`, `endeuillé` -> `endeuill`. Short words stay whole."""
    return re.sub(r"(?<=\w{3})(e?s|e{1,2}s?|x)$", "", word)
