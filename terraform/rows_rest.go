package terraform

var databaseRows = []row{}
var storageRows = []row{}
var apiRows = []row{}
var balancerRows = []row{}
var edgeRows = []row{}
