"""Words that carry no theme, in languages that put spaces between words."""

from __future__ import annotations

__all__ = ["FUNCTION_WORDS"]

_BY_LANGUAGE = {
    "en": (
        "about after again all also although always and any are because been before being "
        "both but can could did does doing done during each even ever every few for from get "
        "got had has have having her here hers him his how into its just lot made make makes "
        "many may might more most much nor not now off often one only other our out over own "
        "really same she should since some still such than that the their them then there "
        "these they this those through too under until very was were what when where which "
        "while who why will with within without would you your "
    ),
    "de": (
        "aber als also auch auf aus bei beim bin bis damit dann das dass dem den der des die "
        "diese dieser doch durch ein eine einem einen einer eines etwas für gegen habe haben "
        "hat hatte ich ihm ihn ihr ihre immer ist jetzt kann kein keine können man mehr mein "
        "meine meinem meinen meiner mich mir mit muss nach nicht noch nun nur oder ohne schon "
        "sehr sein seine sich sie sind und uns unter vom von vor war waren was weil wenn wer "
        "wie wir wird wurde zum zur über "
    ),
    "fr": (
        "aussi aux avait avec avoir bien car ces cette comme dans des donc elle elles est "
        "fait ils les leur leurs lui mais mes moi mon même nos notre nous ont par pas plus "
        "pour que quel quelle qui sans ses son sont sur tous tout toute très une vos votre "
        "vous était été être "
    ),
    "es": (
        "algo ante aunque bien cada como con cual cuando del desde donde ella ellos entre era "
        "esa ese eso esta estaba este esto está fue había hace hacer hasta hay las les los "
        "mis mucho muy más nada nos nosotros nuestra nuestro otra otro para pero poco por "
        "porque que qué sea ser sin sobre son sus también tan tanto tener tiene todo todos "
        "tus una uno unos "
    ),
    "it": (
        "agli alla alle anche che chi come con cosa cui dal dalla degli dei del della delle "
        "dove era essere fare gli hanno lei loro lui mia mio molto nel nella nelle noi non "
        "nostro per perché più poi qualche quando quello questa questo sei sia sono sta stata "
        "stato sua sue sul sulla suo tra tutti tutto una uno "
    ),
    "pt": (
        "aos até com como das dela dele dos ela ele eles entre era essa esse esta estava este "
        "está foi foram isso isto lhe mais mas mesmo meu meus minha muito nas nem nos não nós "
        "para pela pelo por porque quando que quem sem ser seu seus sua suas também tem ter "
        "tinha uma você "
    ),
    "nl": (
        "aan als bij dan dat deze die dit door een had heb hebben heeft het hij hoe kan maar "
        "meer men met mij mijn naar niet nog omdat onder ons ook over tegen toch tot uit van "
        "veel voor wat wel werd wie wij worden zal zeer zich zij zijn zou "
    ),
    "pl": (
        "aby ale bardzo bez bym być był była było czy dla gdy ich jak jako jego jej jest "
        "jeszcze jeśli już kiedy która które który lub mam mnie moja moje może można mój nad "
        "nam nas nasz nie niż oraz pod przed przez przy się tak także tam tego tej ten też "
        "tylko tym więc wszystkie wszystko "
    ),
}
FUNCTION_WORDS = frozenset(word for words in _BY_LANGUAGE.values() for word in words.split())
