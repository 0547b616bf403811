"""What requests and answers look like, one file a resource. No queries and no decisions here."""
