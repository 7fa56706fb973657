khien push /var/log --to {url} --token {token} --ca {ca}
