// Checks a pencil stroke and answers the action that saves it. ES5, so that every engine reads it.
var COLOURS = ["black", "red", "green", "blue"];
function refused(why) { return {actions: [], error: why}; }
function handle(event) {
    if (event.type !== "ui.pencil") { return refused("this is no pencil stroke"); }
    if (COLOURS.indexOf(event.colour) < 0) { return refused("there is no " + event.colour + " pencil"); }
    if (event.size < 1 || event.size > 32) { return refused("a pencil is 1 to 32 wide"); }
    if (event.points.length < 2 || event.points.length > 500) { return refused("a stroke has 2 to 500 points"); }
    var width = event.page.width, height = event.page.height;
    var left = width, top = height, right = 0, bottom = 0;
    for (var i = 0; i < event.points.length; i++) {
        var x = event.points[i][0];
        var y = event.points[i][1];
        if (x < 0 || x > width || y < 0 || y > height) { return refused("the stroke leaves the page"); }
        if (x < left) { left = x; }
        if (x > right) { right = x; }
        if (y < top) { top = y; }
        if (y > bottom) { bottom = y; }
    }
    return {actions: [{type: "save_annotation", document: event.document, colour: event.colour, size: event.size, box: [left, top, right, bottom], points: event.points}]};
}
