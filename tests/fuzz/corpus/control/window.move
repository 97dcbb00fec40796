0 {"jsonrpc":"2.0","id":7,"method":"window.move","params":{"id":3,"x":1000000,"y":1000000}}
1 {"jsonrpc": "2.0", "id": "b", "method": "window.move"}
- advance 20
