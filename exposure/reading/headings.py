"""What column headings mean, in English, French, German, Dutch, Italian and Spanish: a vocabulary, and nothing but."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from exposure.reading.numbers import CODES, CURRENCY_SIGNS, PENCE

# A field's phrases in three ranks: what can only mean it, what mostly does, what may. "name;..." reads: normalised phrases.
VOCABULARY: dict[str, tuple[str, str, str]] = {
    "isin": ("isin;isin code;code isin;isin nummer;isin nr;codice isin;isin number;isin wkn", "symbol isin;symbool isin;isin symbol;ticker isin;simbolo isin", ""),
    "cusip": ("cusip;cusip number;cusip no;cusip id", "", ""),
    "sedol": ("sedol;sedol code;code sedol;stock exchange daily official list", "", ""),
    "figi": ("figi;bbg global id;bloomberg figi;composite figi;share class figi;bloomberg global id", "", ""),
    "identifier": ("identifier;security identifier;security id;identifiant;identificateur;identifikator;identificador;identificatore",
                   "id;constituent id;asset id;identificativo;kennung;code valeur;valor;instrument id;security number;id number;uid;holding id", ""),
    "ticker": ("ticker;ticker symbol;holding ticker;issuer ticker;emittententicker;ticker de l emetteur;ticker emetteur;ticker dell emittente"
               ";ticker emittente;ticker del emisor;ticker van emittent;ticker emittent;stock ticker;security ticker;bloomberg ticker;bbg ticker;exchange ticker;tickersymbol",
               "symbol;stock symbol;trading symbol;simbolo;symbole;symbool;kurzel;mnemo;mnemonic;mnemonique;epic;tidm;bloomberg code;reuters code;ric;codigo bolsa;instrument symbol;underlying symbol ticker",
               "code;security code;stock code;kuerzel;codice;codigo"),
    "name": ("name;security name;holding name;holdings name;company name;company;issuer name;instrument name;fund name;investment name;asset name;stock name;share name;constituent name;name of security"
             ";nom;libelle;nom de la valeur;nom du titre;denomination;bezeichnung;wertpapierbezeichnung;wertpapiername;wertpapier;naam;fondsnaam;nome;denominazione;descrizione titolo;nome titolo;nombre;denominacion;nombre del valor;emittent;emetteur",
             "description;security description;security;instrument;investment;product;produit;produkt;producto;prodotto;valeur mobiliere;titre;titel;titolo;titoli;valores;omschrijving;designation;holding;issuer;emittente;emisor;constituent;underlying name;gattungsbezeichnung;instrumento;strumento;descrizione;descripcion;component;asset",
             "stock;fund;holdings;position;positions;libelle valeur;security long name;long name;short name;anlage;belegging;fonds;valeur;valor;activo"),
    "quantity": ("quantity;qty;shares;number of shares;no of shares;shares held;units;units held;shares par value;par value;shares par;quantite;nombre de titres;nombre de parts;nombre d actions;nb titres;anzahl;stuck;stuckzahl;stucke nominale;stuck nominale;stuck nominal;aantal;aantal stuks;quantita;numero azioni;cantidad;numero de titulos;titulos;num titulos;share quantity;total shares;current quantity;quantity held;holding quantity;number of units;n titoli;q ta",
                 "nominal;nominale;nominaal;nominal amount;shares units;shares contracts;quantity par;par;face amount;face value;principal amount;contracts;no of units;bestand;parts;azioni;acciones;participaciones;aandelen;quote;shares or principal amount;stk;no shares;nominal quantity;nominal holding;quantity nominal;qte;qta;stukken;shares owned;quantity shares;principal",
                 "amount;holding;holdings;position;positions;size;menge;volume held"),
    "price": ("price;market price;last price;share price;closing price;close price;unit price;fund price;current price;price per share;nav price;prix;cours;dernier cours;cours de cloture;kurs;schlusskurs;aktueller kurs;letzter kurs;marktkurs;kurswert je stuck;koers;slotkoers;laatste koers;prezzo;prezzo di mercato;prezzo di chiusura;precio;precio de mercado;ultimo precio;cotizacion;cotizacion actual;mark price;mid price;bid price;latest price;price local;local price;security price",
              "closing;close;last;cloture;slot;chiusura;cierre;cotation;quote;mark;preis;prijs;market quote;quotazione;ultimo;unit value;nav;price gbp pence;valore unitario;preis je stuck;last trade price;settlement price;last close",
              "nav per share;unit cost price"),
    "market_value": ("market value;marketvalue;mkt value;mkt val;market val;current value;current market value;position value;positionvalue;total value;holding value;valuation;market value base;base market value;valeur de marche;valeur marche;valorisation;valeur boursiere;valeur totale;montant valorise;marktwert;kurswert;aktueller wert;gesamtwert;depotwert;marktwaarde;huidige waarde;totale waarde;valore di mercato;controvalore;valore attuale;valore di mercato eur;valor de mercado;valoracion;valor actual;valor efectivo;fair value;closing balance;ending value;ending balance;ending market value;closing value;market value local;local market value;value local;position value in base;total market value;asset value",
                     "value;valeur;wert;waarde;valore;valor;estimation;evaluation;local value;lokale waarde;valeur locale;valor local;wert lokal;valeur en devise;contre valeur;contrevaleur;gegenwert;equity value;value in base;controvalore di mercato;montant total;net value;current worth;worth;exposure value;value base currency",
                     "amount;montant;betrag;bedrag;importo;importe;balance;total;totale;gesamt;totaal;solde;saldo;efectivo;effectif"),
    "notional_value": ("notional value;notional;notional exposure;nominalwert;valeur notionnelle;valore nozionale;valor nocional;notionele waarde;nominale waarde;notional amount;notional market value;exposure notional;valeur nominale", "exposure;market exposure", ""),
    "weight": ("weight;weights;weight %;% weight;weighting;weighting %;% of net assets;of net assets;percent of net assets;% of portfolio;% of fund;% of total;% of assets;% of market value;% of account;% of acct;percent of account;% of nav;% net assets;portfolio weight;fund weight;% of total net assets;index weight;% of holdings;percent of portfolio;allocation;allocation %;% allocation;gewichtung;gewicht;anteil;anteil %;anteil am fondsvermogen;% des fondsvermogens;portfolioanteil;ponderation;poids;% de l actif;% actif net;poids %;% du portefeuille;% actif;weging;gewicht %;ponderazione;peso;peso %;% del portafoglio;ponderacion;% patrimonio;% cartera;% fund;% portfolio;% tna;% mv;% assets;% of total assets;pct of portfolio;percentage of fund;percentage of net assets;percentage weight;market value %;weight in %",
               "%;percent;percentage;pct;prozent;pourcentage;percentuale;porcentaje;in %;repartition;part;quota;aandeel;% of total value;current mix;share of portfolio", ""),
    "currency": ("currency;ccy;curr;currency code;market currency;local currency;trading currency;security currency;asset currency;instrument currency;holding currency;currency primary;devise;devise de marche;devise du marche;devise de cotation;monnaie;wahrung;marktwahrung;handelswahrung;notierungswahrung;valuta;marktvaluta;valuta di mercato;divisa;divisa del mercado;moneda;munt;listing currency;base ccy local;local ccy;currency of denomination;denominated currency;price ccy local;kurswahrung;trade currency;quote currency",
                 "valuation currency;cur;wkn wahrung;wahr;whg;moneda local;issue currency", ""),
    "price_currency": ("price currency;price ccy;currency price;devise du cours;devise cours;kurswahrung preis;quotation currency;pricing currency;price unit;quote unit;currency of price;devise prix;prijsvaluta;valuta prezzo;divisa precio", "", ""),
    "value_currency": ("value currency;value ccy;market value currency;fund currency;base currency;portfolio currency;reporting currency;account currency;devise de valorisation;devise valorisation;devise de reference;fondswahrung;depotwahrung;valuta controvalore;currency market value;currency base;report currency;devise du fonds;currency value;currency of value", "", ""),
    "asset_class": ("asset class;asset type;security type;type of security;instrument type;holding type;investment type;asset category;assetclass;product type;sec type;class of shares;classe d actifs;classe d actif;type d actif;type de titre;type d instrument;anlageklasse;assetklasse;wertpapierart;instrumentenart;wertpapiertyp;beleggingscategorie;activaklasse;soort;clase de activo;tipo de activo;tipo di strumento;tipo strumento;classe di attivo;tipologia;tipo de instrumento;asset sub class;categorie d actif;type d instrument;gattung;instrument class;asset group",
                    "type;category;categorie;kategorie;categoria;tipo;sub category;asset;classe;class;product category;art", ""),
    "sector": ("sector;gics sector;secteur;sektor;settore;industry sector;economic sector;industry;industry classification;industrie;branche;branch;industria;bics sector;icb industry;sector name;bedrijfstak;gics industry;industry group", "", ""),
    "country": ("country;location;country of risk;location of risk;domicile;country of domicile;country of incorporation;pays;localisation;pays de risque;lieu;land;standort;locatie;paese;localita;area geografica;luogo;pais;ubicacion;country code;country name;issuer country;risk country;emplacement;country region;domizil;paese di rischio;localizacion", "region;geography;market country;nation", ""),
    "exchange": ("exchange;stock exchange;listing exchange;exchange name;bourse;place de cotation;place;borse;handelsplatz;borsenplatz;beurs;borsa;bolsa;mic;exchange code;listing;listing market;primary exchange;primary listing;mercato;mercado;marche;handelsbeurs;borsa valori;trading venue;marktplatz", "market;markt;venue", ""),
    "account": ("account;account number;account name;account id;client account id;clientaccountid;account alias;portfolio;portfolio name;portfolio code;portfolio id;plan;depot;depotnummer;compte;numero de compte;nom du compte;portefeuille;rekening;rekeningnummer;conto;numero conto;dossier;cuenta;numero de cuenta;cartera;konto;kontonummer;account no;sub account;fund code;account title;account type name;book;portafoglio", "", ""),
    "as_of": ("date;as of;as of date;asof;as at;valuation date;holdings date;position date;report date;holding date;effective date of holdings;portfolio date;price date;pricing date;nav date;snapshot date;statement date;data as of;date range;business date;date de valorisation;date d arrete;date position;date du portefeuille;datum;stichtag;bewertungsdatum;datum waardering;peildatum;data;data di riferimento;data valutazione;fecha;fecha de valoracion;fecha de cartera;asofdate;cob date;stand;holdings as of;date d inventaire;period end", "time;day;period", ""),
    "side": ("side;long short;position side;direction;l s;long or short;sens;position type;richtung;sens de la position;long short indicator;ls;short flag;is short;short;long short flag", "", ""),
    "multiplier": ("multiplier;mult;contract multiplier;contract size;multiplicateur;multiplikator;moltiplicatore;multiplicador;kontraktgrosse;lot size;trade unit", "", ""),
    "maturity": ("maturity;maturity date;echeance;date d echeance;falligkeit;endfalligkeit;falligkeitsdatum;laufzeit;vervaldatum;scadenza;data scadenza;vencimiento;fecha de vencimiento;final maturity", "", ""),
    "coupon": ("coupon;coupon %;coupon rate;kupon;zinssatz;cedola;cupon;taux;couponrente;coupon rate %", "", ""),
    "expiry": ("expiry;expiration;expiration date;expiry date;exp date;date d expiration;verfall;verfallsdatum;expiratiedatum;expire", "", ""),
    "strike": ("strike;strike price;exercise price;prix d exercice;basispreis;uitoefenprijs;prezzo di esercizio;precio de ejercicio", "", ""),
    "right": ("put call;call put;right;option type;c p;p c;put or call", "", ""),
    "underlying": ("underlying;underlying symbol;underlying ticker;sous jacent;basiswert;onderliggende waarde;sottostante;subyacente;underlier", "", ""),
    "fx_rate": ("fx rate;exchange rate;fx;taux de change;wechselkurs;devisenkurs;wisselkoers;cambio;tasso di cambio;tipo de cambio;exch rate;rate", "", ""),
    "cash": ("cash;cash balance;ending cash;settled cash;available cash;total cash;solde especes;especes;liquidites", "cash long", ""),
    "transaction": ("transaction type;transaction;action;activity type;activity;trans type;type of transaction;operation;type d operation;nature;buchungsart;transaktion;transaktionstyp;umsatzart;vorgang;transactietype;mutatie;tipo operazione;operazione;causale;tipo operacion;tipo de operacion;operacion;movimiento;buy sell;order type;buysell;ordertype;b s;activitycode;transaction code;transactiontype", "", ""),
    "trade_date": ("trade date;transaction date;date time;datetime;execution date;order date;settlement date;settle date;booking date;run date;activity date;processed date;date operation;date d operation;date de transaction;date comptable;buchungstag;buchungsdatum;handelsdatum;ausfuhrungsdatum;transactiedatum;boekdatum;valutadatum;data operazione;data contabile;data valuta;fecha operacion;fecha de operacion;fecha valor;tradedate;settledate;settlementdate;transactiondate;executed at;filled time;fill time;executiontime;closing date", "", ""),
    "proceeds": ("proceeds;commission;commissions;comm fee;fee;fees;fees comm;order id;orderid;trade id;tradeid;net amount;gross amount;transaction amount;transaction price;t price;transaction id;transactionid;ibcommission;transactiekosten;frais;courtage;gebuhr;gebuhren;provision;kosten;commissione;commissioni;comision;reference;execution id;order reference;riferimento ordine;realized p l;trade price;tradeprice;withholding tax;stamp duty;order price;filled price;net cash", "", ""),
}  # fmt: skip

_UNLIKE = re.compile(
    r"\b(?:cost|costs|average|avg|buying|purchase|purchased|bought|acquisition|acquired|entry|open|opening|prior|previous|prev|change|chg"
    r"|chng|gain|gains|loss|losses|pnl|p l|g l|profit|returns?|performance|perf|day s|today s?|daily|unrealized|unrealised|realized|yield|yld|dividend|dividends|p e|eps"
    r"|52|high|low|beta|duration|ytm|ytw|tax|accrued|accrual|interest|intraday|variation|target|stop|volume|rating|cap|capitalization|capitalisation|estimated|book"
    r"|einstand\w*|einstieg\w*|kauf\w*|gewinn\w*|verlust\w*|veranderung|revient|pru|pmp|plus value|plus moins value|moins value|pv|costo|carico|rendimento"
    r"|rendement|rentabilidad|gak|winst|verlies|resultaat|coste|ganancia|perdita|guadagno|utile|plusvalenza|plusvalia|last movement|inception|investment amount"
    r"|aankoop\w*|achat|acquisto|compra|kostprijs|revenu|ertrag|income|annual|day|1d|ytd|1y|mtd|loan|lent|beginning|bonus|spread|score|rank|outstanding|restricted|vested|future investments|margin requirement|liquidation|distance|modified|effective|drift)\b"
)  # fmt: skip
_MEANT = re.compile(r"\b(?:market price|closing balance|effective date of holdings)\b")
_CURRENCY_END = re.compile(
    r"(?:^|[\s(\[/_,-])(?:in |en |em )?\(?(" + "|".join(sorted(CODES | PENCE)) + r"|US\$|[$€£¥]|pence)[)\]]?\s*$"
)
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading understood: what it may mean (field → rank, 0 surest), the currency and the percent sign it carries."""

    fields: dict[str, int]
    currency: str | None = None
    percent: bool = False


_ASCII = {i: chr(i) if chr(i).isalnum() else " % " if chr(i) == "%" else " " for i in range(128)}


def normal(text: str) -> str:
    """Bring a heading to plain lower-case words, `%` kept."""
    if " " not in text.strip() and not text.isupper():
        text = _CAMEL.sub(" ", text)
    if text.isascii():
        return " ".join(text.lower().translate(_ASCII).split())
    text = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("Œ", "Oe").replace("œ", "oe")).lower()
    text = "".join(c if c.isalnum() or c == "%" else " " for c in text if not unicodedata.combining(c))
    return " ".join(text.replace("%", " % ").split())


def _table() -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for name, ranks in VOCABULARY.items():
        for rank, phrases in enumerate(ranks):
            for phrase in filter(None, phrases.split(";")):
                table.setdefault(phrase, {}).setdefault(name, rank)
    return table


_PHRASES = _table()


@lru_cache(maxsize=4096)
def understand(text: str) -> Heading:
    """Tell what a heading may mean.

    >>> understand("Valeur en EUR").currency, sorted(understand("Qty (Quantity)").fields)
    ('EUR', ['quantity'])
    """
    if not text or len(text) > 80:
        return Heading({})
    text = " ".join(text.strip().strip(":*").split())
    currency = None
    bare = text
    if (m := _CURRENCY_END.search(text)) and m.start() > 0:
        unit = m[1]
        currency = "GBX" if unit in PENCE or unit == "pence" else CURRENCY_SIGNS.get(unit, unit)
        bare = re.sub(r"\s+(?:in|en|em)$", "", text[: m.start()].strip(" ([/_,-"), flags=re.I)
    percent = "%" in text or bool(re.search(r"\b(?:percent|pct|prozent)\b", text, re.I))
    forms = [bare, text]
    if m := re.fullmatch(r"(.*?)\s*[(\[](.+)[)\]]", bare):
        forms += [m[2], m[1]]
    if "/" in bare:
        forms += bare.split("/")
    if _UNLIKE.search(_MEANT.sub("", normal(text))):
        words = normal(text)
        kept = {
            k: v
            for k, v in _PHRASES.get(words, {}).items()
            if k in {"transaction", "trade_date", "proceeds", "maturity", "coupon", "as_of"}
        }
        return Heading(kept, currency, percent)
    found: dict[str, int] = {}
    for i, form in enumerate(forms):
        words = normal(form)
        hit = _PHRASES.get(words) or (_PHRASES.get(words.replace("%", "").strip()) if "%" in words else None)
        for name, rank in (hit or {}).items():
            found.setdefault(name, rank + (i > 1))
        if hit and i != 2:
            break
    if percent and not currency and "coupon" not in found:
        found = {k: v for k, v in found.items() if k not in {"market_value", "price", "quantity"}} or {}
        if "%" in text and not found and re.search(r"%\s*(?:of|de|des|van|di|del)\b", text.lower()):
            found = {"weight": 2}
    return Heading(found, currency, percent)
