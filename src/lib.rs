//! Executable theorem checks for the Polyak–Łojasiewicz theory of very deep
//! residual networks.
