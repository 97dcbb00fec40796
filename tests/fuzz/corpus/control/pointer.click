0 {"jsonrpc":"2.0","id":0,"method":"pointer.click","params":{"button":4,"count":10}}
1 {"jsonrpc": "2.0", "id": "b", "method": "pointer.click"}
- advance 20
