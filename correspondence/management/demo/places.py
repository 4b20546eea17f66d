"""Invented municipalities, what they send, and in which words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """What is sent through one resource."""

    resource_id: str
    title: str
    titles: tuple[str, ...]
    body: str
    needs_confirmation: bool = False
    is_confidential: bool = False


@dataclass(frozen=True)
class Owner:
    """A sender; `share` of all letters are its own."""

    number: str
    name: str
    code: str
    share: float
    kinds: tuple[Kind, ...]


_VEDTAK = """Vi viser til søknaden din.

**Vedtak:** Søknaden er innvilget. Vedtaket gjelder fra den dagen du leser dette brevet.

## Begrunnelse

Vi har lagt vekt på opplysningene i søknaden og på reglene som gjelder i kommunen.

## Du kan klage

Fristen for å klage er tre uker. Klagen sender du til oss; hvis vi ikke endrer vedtaket, sender vi den videre.

Vennlig hilsen
{owner}"""
_VARSEL = """Vi skal gjøre arbeid på ledningsnettet i området ditt.

- Vannet er stengt fra klokka 08.00 til 14.00.
- Tapp gjerne opp vann dagen før.
- La kaldtvannet renne i noen minutter etterpå.

Har du spørsmål, kan du ringe servicetorget.

Vennlig hilsen
{owner}"""
_FAKTURA = """Her er fakturaen for kommunale avgifter.

| Tjeneste | Beløp |
|---|---:|
| Vann | 1 240 kr |
| Avløp | 1 860 kr |
| Renovasjon | 1 105 kr |

Fakturaen betales innen forfallsdatoen. Har du avtalegiro, trenger du ikke gjøre noe.

Vennlig hilsen
{owner}"""
_PLASS = """Barnet ditt har fått tilbud om plass.

Du må svare på tilbudet innen fristen. Hvis vi ikke hører fra deg, går plassen til neste på ventelisten.

Vennlig hilsen
{owner}"""
_BREV_NN = """Vi har fått søknaden din og går no gjennom han.

Du får svar innan fire veker. Treng vi fleire opplysningar, tek vi kontakt med deg.

Venleg helsing
{owner}"""

OWNERS = (
    Owner(
        "312295202",
        "Fjordby kommune",
        "fjordby",
        0.34,
        (
            Kind("fjordby-byggesak", "Byggesak", ("Vedtak i byggesak", "Nabovarsel", "Ferdigattest"), _VEDTAK, True),
            Kind("fjordby-vann-avlop", "Vann og avløp", ("Varsel om stengt vann", "Spyling av ledninger"), _VARSEL),
        ),
    ),
    Owner(
        "310635820",
        "Dalen kommune",
        "dalen",
        0.24,
        (
            Kind("dalen-skatt", "Eiendomsskatt og avgifter", ("Faktura for kommunale avgifter",), _FAKTURA),
            Kind("dalen-barnehage", "Barnehage", ("Tilbud om barnehageplass", "Svar på søknad"), _PLASS, True),
        ),
    ),
    Owner(
        "314762290",
        "Nordvik kommune",
        "nordvik",
        0.18,
        (
            Kind("nordvik-skole", "Skole og SFO", ("Innskriving til første klasse", "Plass på SFO"), _PLASS),
            Kind("nordvik-helse", "Helse og omsorg", ("Vedtak om hjemmetjenester",), _VEDTAK, True, True),
        ),
    ),
    Owner(
        "{}",
        "Storfjord og Vika kommune",
        "storvika",
        0.14,
        (
            Kind("storvika-landbruk", "Landbruk", ("Vedtak om produksjonstilskot", "Mottatt søknad"), _BREV_NN),
            Kind("storvika-kultur", "Kultur og idrett", ("Svar på søknad om tilskot",), _BREV_NN),
        ),
    ),
    Owner(
        "{}",
        "Innlandet interkommunale renovasjon",
        "renovasjon",
        0.10,
        (Kind("renovasjon-henting", "Henting av avfall", ("Ny tømmeplan", "Nye dunker"), _VARSEL),),
    ),
)

FIRST_NAMES = (
    *("Kari", "Ola", "Ingrid", "Lars", "Nora", "Jakob", "Aino", "Per", "Solveig", "Ahmed", "Fatima", "Elias", "Maja"),
    *("Sander", "Liv", "Terje", "Astrid", "Håkon", "Máret", "Niillas", "Zofia", "Piotr", "Åse", "Øystein", "Eirin"),
)
LAST_NAMES = (
    *("Hansen", "Johansen", "Berg", "Haugen", "Lund", "Moen", "Solberg", "Bakken", "Nilsen", "Sunde", "Kowalska"),
    *("Ali", "Eira", "Somby", "Aas", "Ødegård", "Strand", "Vik", "Fossum", "Dahl", "Nygård", "Sæther", "Brekke"),
)
COMPANIES = (
    "Bygg",
    "Rør",
    "Eiendom",
    "Transport",
    "Regnskap",
    "Fisk",
    "Skog",
    "Kafé",
    "Elektro",
    "Gartneri",
    "Barnehage",
)

# What a letter may fail of, once it has been accepted; as the service says it (policies/recipients.py and others).
FAILURES = (
    "The recipient has reserved against digital post",
    "The recipient is not in the register",
    "The attachment vedtak-med-kart.pdf cannot be sent: Malware was found: Eicar-Test-Signature.",
)
SET_ASIDE = (
    "StorageUnavailable: reading broke off: ConnectionResetError",
    "DataError: value too long for type character varying(765)",
)
FILE_NAMES = ("vedtak.pdf", "kart.pdf", "faktura.pdf", "soknad.pdf", "tommeplan-2027.pdf", "situasjonsplan.pdf")
