"""The fields of a record, family by family: what each says, as given and as derived."""
