"""Tables of text: CSV and its kin, as devices, telephones and spreadsheets write them."""
