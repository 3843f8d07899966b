-- Checks a pencil stroke and answers the action that saves it.
local colours = {black = true, red = true, green = true, blue = true}
local function refused(why) return {actions = {}, error = why} end
function handle(event)
    if event.type ~= "ui.pencil" then return refused("this is no pencil stroke") end
    if not colours[event.colour] then return refused("there is no " .. event.colour .. " pencil") end
    if event.size < 1 or event.size > 32 then return refused("a pencil is 1 to 32 wide") end
    if #event.points < 2 or #event.points > 500 then return refused("a stroke has 2 to 500 points") end
    local width, height = event.page.width, event.page.height
    local left, top, right, bottom = width, height, 0, 0
    for _, point in ipairs(event.points) do
        local x = point[1]
        local y = point[2]
        if x < 0 or x > width or y < 0 or y > height then return refused("the stroke leaves the page") end
        if x < left then left = x end
        if x > right then right = x end
        if y < top then top = y end
        if y > bottom then bottom = y end
    end
    return {actions = {{type = "save_annotation", document = event.document, colour = event.colour, size = event.size, box = {left, top, right, bottom}, points = event.points}}}
end
