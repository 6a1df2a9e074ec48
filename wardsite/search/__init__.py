"""Finding anything that is public: one index, kept in the transaction of the text it holds."""
