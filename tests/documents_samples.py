"""Letters as the campaign writes them, for the tests and benchmarks of documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.campaign.letters import Letter, WrittenAddressee
from bot.documents.letter_pdf import Labels

DAY = date(2026, 3, 5)
NAMES = ("麦麦提·阿卜来提", "艾克白尔·吾舒尔")

PRESIDENT = WrittenAddressee(
    "president",
    "Monsieur Xi Jinping\nPrésident de la République populaire de Chine",
    ("Zhongnanhai", "Xichangan'jie, Xichengqu", "Beijing Shi 100017", "CHINE"),
    fax="+86 10 6238 1025",
    email="president@example.org",
)
EMBASSY = WrittenAddressee(
    "embassy",
    "Ambassade de la République populaire de Chine\nen France",
    ("20 rue Monsieur", "75007 Paris", "FRANCE"),
    fax="01 47 20 24 22",
    email="embassy@example.org",
)
LABELS = Labels(
    dated="Lyon, le 5 mars 2026",
    subject="Objet\u00a0:",
    copy_to="Copie à\u00a0:",
    copy_mark="Copie pour information",
    sent_to="Lettre adressée à\u00a0:",
    fax="Par fax\u00a0:",
    file="lettre",
)
LETTER = Letter(
    case="mamat",
    action="letter",
    language="fr",
    variant=0,
    subject=f"Mamat Ablat ({NAMES[0]})\u00a0: demande de libération immédiate",
    salutation="Monsieur le Président de la République,",
    paragraphs=(
        f"J’ai appris avec consternation l’arrestation de Mamat Ablat ({NAMES[0]}), un Ouïghour, "
        "et la lourde peine prononcée contre lui.",
        "Son frère, à l’étranger, a demandé pourquoi Mamat est détenu. Il n’a reçu aucune "
        "réponse, seulement la demande de revenir au Xinjiang\u00a0; la famille ne sait rien.",
        "Je vous demande de libérer Mamat immédiatement et sans condition, ainsi que toutes les "
        "personnes détenues dans les camps et les prisons du Xinjiang.",
        "Dans l’attente, dites où il se trouve, et laissez-le écrire à sa famille. " * 4,
    ),
    closing="Je vous prie d’agréer, Monsieur le Président de la République, l’expression de ma "
    "haute considération.",
    to=(PRESIDENT,),
    copy_to=(EMBASSY,),
    first_name="Zoé",
    town="Lyon",
)
LONG = replace(LETTER, paragraphs=LETTER.paragraphs * 5)
