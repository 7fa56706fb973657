khien push /var/log --to {url} --token {token}
