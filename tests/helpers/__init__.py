"""What several tests share: small studies, constructed stores, and ways to call the command."""
