curl --cacert {ca} -H 'Authorization: Bearer {token}' --data-binary @access.log {url}/api/v1/intake/lines
