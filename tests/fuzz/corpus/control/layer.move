0 {"jsonrpc":"2.0","id":3,"method":"layer.move","params":{"id":2,"x":-999980,"y":-999723}}
1 {"jsonrpc": "2.0", "id": "b", "method": "layer.move"}
- advance 20
