"""Words that invented companies and people are put together from.

Every character fits Latin-1, since the old systems among the exporters write nothing else.
"""

CORE_STARTS = (
    "Brindle Oster Quill Larks Thorn Mallow Fennel Harrow Tamber Wexel Corvan Pellum Juniper Sable Vellum Norrin "
    "Ashby Cinder Dravel Ember Falken Galder Hollis Ingle Jorvik Kestrel Lindel Marren Nettle Orrin Perrin "
    "Quarrel Rennick Saltar Tindel Umber Varnel Wendel Yarrow Zephyr Aldric Bracken Caldan Dunmar Elmar Fallow "
    "Gantry Hethel Isen Jessam Kelder Lorran Mossel Nimbel Ostrel Pinnel Rowel Sorrel Torvel Ulmer Vesper Wharfel "
    "Yestin Grün"
)
CORE_ENDS = (
    "cove mere wick stead ridge haven mont brook dale field gate hollow keep lock march nook port quay rise shaw "
    "thorpe vale ward yard beck combe dell fold garth holt isle leigh mead ness over pool reach stow tarn water "
    "bourne croft den fell glade hurst knoll land moor oak pike run spring tor view wold bay crest drift edge fen "
    "glen"
)
TRADES = {
    "Software": ("Software", "Systems", "Analytics"),
    "Manufacturing": ("Robotics", "Machining", "Industries"),
    "Transportation": ("Logistics", "Freight", "Haulage"),
    "Retail": ("Outfitters", "Provisions", "Stores"),
    "Financial Services": ("Credit", "Insurance", "Capital"),
    "Healthcare": ("Diagnostics", "Clinics", "Therapeutics"),
    "Energy": ("Solar", "Power", "Grid"),
    "Food & Beverage": ("Foods", "Bakeries", "Roasters"),
}
LEGAL_FORMS = ("Inc.", "LLC", "Ltd", "GmbH", "Corp.", "S.A.", "AG", "PLC")
PLACES = (  # city, state or province, postal code, country, calling code
    ("Columbus", "OH", "43004", "United States", "+1 614"),
    ("Austin", "TX", "78701", "United States", "+1 512"),
    ("Portland", "OR", "97201", "United States", "+1 503"),
    ("Toronto", "ON", "M5H 2N2", "Canada", "+1 416"),
    ("Leeds", "West Yorkshire", "LS1 4AP", "United Kingdom", "+44 113"),
    ("München", "Bayern", "80331", "Germany", "+49 89"),
    ("Köln", "Nordrhein-Westfalen", "50667", "Germany", "+49 221"),
    ("Málaga", "Andalucía", "29001", "Spain", "+34 952"),
    ("Orléans", "Centre-Val de Loire", "45000", "France", "+33 238"),
    ("Malmö", "Skåne", "211 18", "Sweden", "+46 40"),
)
FIRST_NAMES = (
    "Ada Alan Aisha Anouk Benoît Björn Carla Chidi Clara Dara Dmitri Elena Emre Esther Fatima Françoise Gabriel "
    "Grace Hanna Hiro Ibrahim Ines Ivan Jane José Jürgen Kai Karin Lars Leila Liam Lucía Mara Mateo Mei Milan "
    "Nadia Noor Núria Olga Omar Paolo Petra Priya Rafael Ravi Renée Rosa Samir Sara Sofía Søren Tara Tomás Uma "
    "Viktor Wanda Yara Yusuf Zoë"
)
LAST_NAMES = (
    "Abara Albrecht Almeida Andersen Baptiste Becker Bianchi Björk Castillo Chen Cohen Dahl Delgado Diaz Eriksen "
    "Farah Fischer Fofana Gallo García Haddad Hansen Hoffmann Ito Ivanova Jansen Jones Kaya Keller Khan Kowalska "
    "Kumar Lange Laurent Lindqvist López Malik Marino Mbeki Meyer Moreau Müller Nakamura Nguyen Novak Okafor "
    "Olsen Ortiz Osei Park Patel Pereira Petrov Quist Reyes Rossi Roux Ruiz Santos Sato Schäfer Silva Singh "
    "Sørensen Sousa Tanaka Torres Ueda Vargas Vogel Wagner Walsh Weber Wójta Yilmaz Young Zhang Ziegler"
)
TITLES = {
    "Sales": ("Account Executive", "VP Sales", "Sales Manager"),
    "Finance": ("CFO", "Controller", "Finance Analyst"),
    "IT": ("CIO", "Platform Engineer", "IT Manager"),
    "Operations": ("COO", "Operations Lead", "Plant Manager"),
    "Marketing": ("CMO", "Demand Generation Manager", "Brand Manager"),
}
