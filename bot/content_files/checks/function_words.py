"""The small words that every text of a language is full of: by them a text is told from others.

Few of them mean anything in the other languages here.
"""

from __future__ import annotations

from bot.campaign.bare_words import bare

WORDS = {
    language: frozenset(bare(listed).split())
    for language, listed in {
        "fr": "le les est et une des dans pour qui que vous nous sur avec pas ce cette votre son sa"
        " ses au aux ou il elle ne plus sont ete etre par mais nos vos leur",
        "en": "the and is of to that you your with for not this be are was has have it he his they"
        " their from what who which at by an will can been",
        "de": "der die das und ist nicht sie ihr ihre wir mit von zu auf fur ein eine einen dem den"
        " des im sich auch wird werden sind wurde oder dass",
        "es": "el los las una del y por para con su sus esta este que como pero mas ha sido son"
        " usted ustedes nos lo fue",
        "it": "il lo gli della di del dei per con non una che sono questo questa suo sua anche piu"
        " nel nella alla come ma stato stata",
        "nl": "het een van dat niet met voor zijn haar hij wij jullie deze dit ook maar werd wordt"
        " naar bij uit om aan door",
        "pt": "os uma nao com para por seu sua ele ela mas mais foi sao esta este voce pelo pela"
        " dos das ao aos",
        "ar": "في من على أن إلى عن لا ما هذا هذه التي الذي أو مع لم كان قد كل",
    }.items()
}
