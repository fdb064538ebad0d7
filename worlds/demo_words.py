"""What the demo world's people write about: topics, and the words that titles are made of.

A theme is a field of interest. Its topics name subjects; titles put a subject into one of the
theme's patterns, so that what a newcomer reads makes sense. `elsewhere` holds whole titles in other
languages and scripts, with emoji, right-to-left text and combining marks among them.
"""

from collections.abc import Mapping

import msgspec


class Theme(msgspec.Struct, frozen=True, kw_only=True):
    """A field of interest. Patterns take {subject}, {style}, {touch} and {aim}; colours are hex."""

    key: str
    name: str
    topics: Mapping[str, tuple[str, ...]]
    styles: tuple[str, ...]
    touches: tuple[str, ...]
    aims: tuple[str, ...]
    patterns: tuple[str, ...]
    notes: tuple[str, ...]
    boards: tuple[str, ...]
    sections: tuple[str, ...]
    sites: tuple[str, ...]
    palette: tuple[str, ...]
    elsewhere: tuple[str, ...]


FOOD = Theme(
    key="food",
    name="Food",
    topics={
        "Pasta": (
            "lemon ricotta pasta",
            "mushroom tagliatelle",
            "roasted tomato rigatoni",
            "brown butter gnocchi",
            "spinach lasagne",
        ),
        "Baking": (
            "olive oil cake",
            "cardamom buns",
            "sourdough focaccia",
            "plum galette",
            "almond biscotti",
        ),
        "Soups": (
            "red lentil soup",
            "miso noodle broth",
            "pumpkin soup",
            "white bean stew",
            "chicken pho",
        ),
        "Salads": (
            "shaved fennel salad",
            "warm potato salad",
            "charred corn salad",
            "beetroot and feta salad",
            "peanut noodle salad",
        ),
        "Breakfast": (
            "overnight oats",
            "shakshuka",
            "buttermilk pancakes",
            "granola",
            "savoury French toast",
        ),
    },
    styles=("Weeknight", "One-pan", "Crispy", "Grandma's", "Smoky", "Ten-minute", "Slow-cooked"),
    touches=(
        "toasted hazelnuts",
        "preserved lemon",
        "chilli crisp",
        "herby yoghurt",
        "a soft egg",
        "brown sugar",
    ),
    aims=("a crowd", "two", "cold evenings", "a lazy Sunday", "lunch boxes", "beginners"),
    patterns=(
        "{style} {subject}",
        "{style} {subject} with {touch}",
        "{subject} with {touch}",
        "{subject} for {aim}",
        "How to make {subject}",
        "The {subject} we make every week",
        "{style} {subject} for {aim}",
    ),
    notes=(
        "Ready in half an hour, and better the next day.",
        "Season it twice: once at the start and once at the table.",
        "Use whatever is ripe. The recipe forgives a lot.",
        "Serve it straight from the pan with good bread.",
        "The trick is to let it rest before you cut it.",
    ),
    boards=(
        "Weeknight dinners",
        "Things to bake",
        "Soup season",
        "Sunday lunch",
        "Breakfast first",
        "Recipes I swear by",
    ),
    sections=("Quick", "Vegetarian", "For guests", "Sweet", "To try"),
    sites=("Maple Kitchen", "The Salty Spoon", "Bread & Broth"),
    palette=("#c8743c", "#e0b04c", "#8a3324", "#a7b86a", "#f1d9b5"),
    elsewhere=(
        "鶏肉とごぼうの炊き込みご飯",
        "자취생을 위한 김치볶음밥 🍳",
        "Борщ по бабушкиному рецепту",
        "حساء العدس الأحمر بالكمون",
        "घर की बनी मसाला चाय ☕",
        "Pão de queijo crocante 🧀",
        "Crème brûlée à la lavande",
        "ต้มยำกุ้งรสจัดจ้าน 🦐",
    ),
)

TRAVEL = Theme(
    key="travel",
    name="Travel",
    topics={
        "City breaks": (
            "Lisbon",
            "Kyoto",
            "Mexico City",
            "Copenhagen",
            "Istanbul",
        ),
        "Islands": (
            "the Azores",
            "Naxos",
            "Zanzibar",
            "the Faroe Islands",
            "Sardinia",
        ),
        "Train journeys": (
            "the Bernina line",
            "the night train to Vienna",
            "the West Highland line",
            "the coast line to Cinque Terre",
        ),
        "Road trips": (
            "Iceland's ring road",
            "the Garden Route",
            "Route 66",
            "the Dalmatian coast",
        ),
    },
    styles=(
        "Notes on",
        "First time:",
        "In winter:",
        "Planning",
        "A love letter to",
        "On a budget:",
    ),
    touches=("a carry-on", "two children", "a film camera", "no car", "a small budget"),
    aims=("early risers", "food lovers", "people who hate queues", "walkers", "the off-season"),
    patterns=(
        "{style} {subject}",
        "{style} {subject} with {touch}",
        "{subject} for {aim}",
        "{subject} with {touch}",
        "Where to stay: {subject}",
        "What to pack for {subject}",
    ),
    notes=(
        "Go early, bring water, and leave one afternoon empty.",
        "Everything here can be reached on foot or by tram.",
        "Book the first night, improvise the rest.",
        "The best table is the one by the kitchen door.",
        "Shoulder season: half the price and none of the queues.",
    ),
    boards=("Someday", "Long weekends", "By train", "Islands", "Packing lists", "Road trips"),
    sections=("Where to sleep", "Where to eat", "Walks", "With kids", "Rainy days"),
    sites=("Slow Atlas", "The Window Seat", "Small Suitcase"),
    palette=("#3f7fa6", "#e3c28f", "#2e5d4b", "#d9825b", "#9cc4d4"),
    elsewhere=(
        "京都の静かな朝の散歩道 ⛩️",
        "Три дня в Стамбуле без спешки",
        "ثلاثة أيام في إسطنبول 🕌",
        "טיול רגלי לאורך הים בחיפה",
        "Ένα Σαββατοκύριακο στη Νάξο 🌊",
        "제주도 올레길 걷기 🍊",
        "Uma semana nos Açores 🌋",
        "Đà Nẵng – biển và núi",
    ),
)

INTERIORS = Theme(
    key="interiors",
    name="Interiors",
    topics={
        "Living rooms": (
            "living room",
            "reading corner",
            "gallery wall",
            "window seat",
            "fireplace wall",
        ),
        "Kitchens": (
            "galley kitchen",
            "open shelving",
            "kitchen island",
            "breakfast nook",
            "pantry",
        ),
        "Bedrooms": ("attic bedroom", "guest room", "built-in wardrobe", "linen bedding"),
        "Small spaces": (
            "studio flat",
            "narrow hallway",
            "home office",
            "balcony",
            "tiny bathroom",
        ),
    },
    styles=("Warm minimalist", "Moody", "Mid-century", "Light-filled", "Rented", "Scandinavian"),
    touches=(
        "limewash walls",
        "oak shelves",
        "brass details",
        "a vintage rug",
        "checkerboard tiles",
    ),
    aims=("renters", "a north-facing flat", "a family of four", "book lovers", "under 30 m²"),
    patterns=(
        "{style} {subject}",
        "{style} {subject} with {touch}",
        "{subject} with {touch}",
        "{subject} ideas for {aim}",
        "Before and after: our {subject}",
    ),
    notes=(
        "Paint the ceiling the same colour; the room grows.",
        "Second-hand frames, new mounts, one long shelf.",
        "Measure twice, order the sample, look at it at night.",
        "Everything in this picture can be undone by a tenant.",
        "Good light costs less than good furniture.",
    ),
    boards=("Our flat", "Living rooms", "Kitchen dreams", "Small spaces", "Colour", "Hallway"),
    sections=("Colours", "Lamps", "Storage", "Textiles", "Floors"),
    sites=("Nordic Nest", "The Quiet Room", "Plaster & Pine"),
    palette=("#b9a894", "#5f6f65", "#d8cfc4", "#7a4e3a", "#2f3b45"),
    elsewhere=(
        "小さな和室をリビングに 🪴",
        "Кухня в хрущёвке: до и после",
        "غرفة جلوس دافئة بألوان ترابية",
        "원룸 인테리어 아이디어 💡",
        "Salón pequeño con mucha luz ✨",
        "סלון קטן עם קיר ספרים",
    ),
)

GARDENS = Theme(
    key="gardens",
    name="Gardens",
    topics={
        "Flowers": ("dahlias", "sweet peas", "old roses", "spring bulbs", "cosmos"),
        "Vegetables": ("heirloom tomatoes", "climbing beans", "salad leaves", "purple carrots"),
        "House plants": ("monstera cuttings", "hanging ferns", "string of pearls", "calatheas"),
        "Garden design": ("gravel garden", "wildlife pond", "rose arch", "raised beds"),
    },
    styles=("Low-effort", "Late-summer", "Cottage-style", "Drought-proof", "Bee-friendly"),
    touches=("terracotta pots", "a willow fence", "self-sown poppies", "grasses", "old bricks"),
    aims=("shady corners", "balconies", "clay soil", "impatient people", "cut flowers"),
    patterns=(
        "{style} {subject}",
        "{subject} with {touch}",
        "{subject} for {aim}",
        "{subject}, three years on",
        "{style} {subject} with {touch}",
        "{subject}: what I learned",
    ),
    notes=(
        "Water deeply once a week rather than a little every day.",
        "Pinch out the tips in May and you will have twice the flowers.",
        "Leave the seed heads standing; the finches will thank you.",
        "Started on a windowsill in March, outside by the end of May.",
        "Mulch now, weed less later.",
    ),
    boards=("Garden plans", "Cut flowers", "The vegetable patch", "House plants", "Balcony"),
    sections=("Spring", "Summer", "Autumn", "Shade", "Seeds to order"),
    sites=("Moss & Marrow", "The Slow Garden", "Potting Shed"),
    palette=("#4f7942", "#d36b8c", "#8fb569", "#f0c75e", "#6b4f8a"),
    elsewhere=(
        "ベランダ菜園のはじめ方 🍅",
        "Розы в тени: что посадить 🌹",
        "베란다 정원 가꾸기 🌿",
        "बालकनी में टमाटर 🍅",
        "حديقة صغيرة على الشرفة",
        "Jardín de cactus y suculentas 🌵",
    ),
)

FASHION = Theme(
    key="fashion",
    name="Fashion",
    topics={
        "Capsule wardrobe": ("capsule wardrobe", "white shirt", "trench coat", "straight jeans"),
        "Knitwear": ("chunky cardigan", "fisherman's sweater", "mohair scarf", "knitted vest"),
        "Shoes": ("leather loafers", "walking boots", "canvas sneakers", "ballet flats"),
        "Vintage clothing": ("vintage denim jacket", "silk dress", "corduroy suit", "tea dress"),
    },
    styles=("Everyday", "Second-hand", "Tailored", "Oversized", "Autumn", "Linen-season"),
    touches=("gold hoops", "a silk scarf", "chunky soles", "wide trousers", "a canvas tote"),
    aims=("the office", "a wedding guest", "rainy days", "travelling light", "petite frames"),
    patterns=(
        "{style} {subject}",
        "{subject} with {touch}",
        "{style} {subject} for {aim}",
        "{subject} for {aim}",
        "Three ways to wear: {subject}",
    ),
    notes=(
        "Found second-hand, taken in at the waist, worn every week since.",
        "Buy the colour you already wear.",
        "Wash it cold, dry it flat, mend it early.",
        "One good coat changes every outfit under it.",
    ),
    boards=("Outfits", "Autumn wardrobe", "Knitwear", "Second-hand finds", "What to wear"),
    sections=("Work", "Weekend", "Coats", "Shoes", "Colours"),
    sites=("Oak & Thread", "The Second Rail", "Linen Club"),
    palette=("#2d2a32", "#c9b79c", "#7f5539", "#e8ded2", "#52667a"),
    elsewhere=(
        "秋のシンプルコーデ 🍂",
        "데일리룩 코디 모음 👟",
        "Капсульный гардероб на осень",
        "Élégance parisienne au quotidien",
        "فستان صيفي من الكتان 👗",
    ),
)

ART = Theme(
    key="art",
    name="Art",
    topics={
        "Watercolour": ("watercolour landscape", "botanical study", "loose portrait"),
        "Printmaking": ("linocut", "woodblock print", "monotype", "risograph poster"),
        "Ceramics": ("pinch pot", "celadon glaze", "tea bowl", "slip-trailed plate"),
        "Illustration": ("picture-book spread", "ink sketch", "map of an imaginary town"),
        "Museums": ("still life", "Dutch interior", "Japanese screen", "medieval bestiary"),
    },
    styles=("Quiet", "Bold", "Two-colour", "Sketchbook", "Large-scale", "Unfinished"),
    touches=("gold leaf", "hand-cut paper", "a limited palette", "visible brush marks"),
    aims=("beginners", "a rainy afternoon", "a child's room", "the studio wall"),
    patterns=(
        "{style} {subject}",
        "{subject} with {touch}",
        "{style} {subject} with {touch}",
        "Study: {subject}",
        "{subject} for {aim}",
    ),
    notes=(
        "Three layers, and the patience to let each one dry.",
        "Look at the shapes between the things.",
        "Drawn from life in forty minutes.",
        "The paper does half of the work.",
        "Kept for the way the light falls on the table.",
    ),
    boards=("Colour studies", "Prints", "Sketchbook", "Clay", "At the museum", "Illustration"),
    sections=("Line", "Colour", "Portraits", "Techniques", "Masters"),
    sites=("Ink & Paper", "The Print Room", "Studio Hours"),
    palette=("#274060", "#b23a48", "#e9c46a", "#fce8d5", "#4a4e69"),
    elsewhere=(
        "水彩で描く夕暮れの港 🎨",
        "Акварельный этюд: зимний лес",
        "الخط العربي: تمرين يومي ✒️",
        "캘리그라피 연습 ✍️",
        "Αγγεία και μοτίβα",
        "山水畫的留白",
    ),
)

DIY = Theme(
    key="diy",
    name="DIY",
    topics={
        "Woodworking": ("floating shelf", "workbench", "stool from one board", "picture ledge"),
        "Sewing": ("tote bag", "quilt from scraps", "linen curtains", "patchwork cushion"),
        "Upcycling": ("crate bookcase", "painted dresser", "tin-can lanterns", "pallet sofa"),
        "Paper crafts": ("paper stars", "bookbinding project", "block-printed cards"),
    },
    styles=("Weekend", "No-sew", "Twenty-euro", "Beginner-friendly", "Hand-tool", "Flat-pack"),
    touches=("scrap wood", "leftover paint", "sashiko stitching", "natural dye", "rope handles"),
    aims=("a rented flat", "children", "small workshops", "last-minute gifts", "the balcony"),
    patterns=(
        "{style} {subject}",
        "{subject} with {touch}",
        "{style} {subject} for {aim}",
        "{subject} for {aim}",
        "{style} {subject} with {touch}",
    ),
    notes=(
        "Cut list, tools and all mistakes included.",
        "One afternoon, one saw, two cups of tea.",
        "Sand it more than you think you must.",
        "The second one takes half the time.",
    ),
    boards=("Weekend projects", "Workshop", "Sewing", "Gifts to make", "Upcycling"),
    sections=("Wood", "Fabric", "Paper", "With kids", "Tools"),
    sites=("The Bench Dog", "Scrap & Stitch", "Make It Simple"),
    palette=("#b5835a", "#457b9d", "#f4a261", "#e9edc9", "#606c38"),
    elsewhere=(
        "端切れで作る小さなポーチ 🧵",
        "Полка своими руками за вечер 🔨",
        "나무 선반 만들기 🪚",
        "رف خشبي من ألواح قديمة",
        "Cómo coser una bolsa de tela",
    ),
)

OUTDOORS = Theme(
    key="outdoors",
    name="Outdoors",
    topics={
        "Hiking": ("ridge walk", "hut-to-hut trail", "waterfall loop", "coastal path"),
        "Camping": ("camp kitchen", "hammock camp", "winter tent setup", "packing list"),
        "Cycling": ("gravel route", "bikepacking setup", "towpath ride", "mountain pass"),
        "Wild swimming": ("lake swim", "river swim", "cold-water morning", "tidal pool"),
    },
    styles=("Two-day", "Easy", "Sunrise", "Early-season", "Off-the-map", "Family"),
    touches=("a dog", "one small backpack", "a paper map", "a wood stove", "no phone signal"),
    aims=("beginners", "autumn colours", "long evenings", "shoulder season", "solo walkers"),
    patterns=(
        "{style} {subject}",
        "{style} {subject} with {touch}",
        "{subject} for {aim}",
        "{style} {subject} for {aim}",
        "{subject} with {touch}",
    ),
    notes=(
        "Bring a warm layer even in July.",
        "Start before eight and you will have it to yourself.",
        "The hut serves soup until it runs out.",
        "Fourteen kilometres, eight hundred metres up, one swim.",
        "Leave it as you found it.",
    ),
    boards=("Trails", "Camping", "By bike", "Swim spots", "Gear", "Next summer"),
    sections=("Day trips", "Overnight", "Gear", "Maps", "With kids"),
    sites=("The Long Ridge", "Camp & Canoe", "Paths & Passes"),
    palette=("#3a5a40", "#a3b18a", "#588157", "#dad7cd", "#6c757d"),
    elsewhere=(
        "北アルプス縦走の記録 🏔️",
        "Поход по Хибинам: четыре дня",
        "설악산 단풍 산행 🍁",
        "מסלול מעגלי בגליל העליון 🥾",
        "Vandring längs Kungsleden ⛺",
    ),
)

PHOTOGRAPHY = Theme(
    key="photography",
    name="Photography",
    topics={
        "Portraits": ("window-light portrait", "family portrait", "self-portrait"),
        "Street photography": ("crosswalk at noon", "market at dawn", "neon reflections"),
        "Landscapes": ("long exposure of the sea", "mist over the valley", "desert road"),
        "Film cameras": ("first roll of film", "medium-format negative", "double exposure"),
    },
    styles=("Black-and-white", "Golden-hour", "Grainy", "Soft-focus", "Accidental"),
    touches=("one lens", "expired film", "a tripod", "only available light"),
    aims=("patience", "a rainy week", "the family album", "absolute beginners"),
    patterns=(
        "{style} {subject}",
        "{subject} with {touch}",
        "{style} {subject} with {touch}",
        "{subject}: an exercise for {aim}",
    ),
    notes=(
        "f/8, a wall to lean on, and twenty minutes of waiting.",
        "Meter for the shadows and forget the rest.",
        "Shot on the way to somewhere else.",
        "The best frame was the one before last.",
    ),
    boards=("Light", "Street", "Portrait ideas", "Film", "Black and white"),
    sections=("Light", "Colour", "Composition", "Places"),
    sites=("One Lens", "Greyscale", "The Slow Shutter"),
    palette=("#22223b", "#9a8c98", "#c9ada7", "#4a4e69", "#d4a373"),
    elsewhere=(
        "雨の夜の渋谷 🌧️",
        "Чёрно-белые дворы Петербурга",
        "필름 카메라로 담은 부산 📷",
        "أضواء المدينة ليلاً 🌃",
    ),
)

ARCHITECTURE = Theme(
    key="architecture",
    name="Architecture",
    topics={
        "Houses": ("courtyard house", "cabin in the woods", "brick townhouse", "lake house"),
        "Brutalism": ("concrete library", "tower block", "concrete chapel"),
        "Stairs and doors": ("spiral staircase", "blue front door", "stone archway"),
        "Public buildings": ("reading room", "swimming hall", "railway station"),
    },
    styles=("Timber-framed", "Light-filled", "1960s", "Prefabricated", "Restored"),
    touches=("a green roof", "rammed earth", "deep window sills", "a single material"),
    aims=("a steep site", "three generations", "a cold climate", "a tight budget"),
    patterns=(
        "{style} {subject}",
        "{style} {subject} with {touch}",
        "{subject} for {aim}",
        "{subject} with {touch}",
        "Plans and section of a {subject}",
    ),
    notes=(
        "The section explains everything the façade hides.",
        "Built by two carpenters in one summer.",
        "Look at how the corner is turned.",
        "Daylight from above, silence from the walls.",
    ),
    boards=("Houses", "Concrete", "Doors", "Cabins", "Details"),
    sections=("Plans", "Materials", "Stairs", "Windows"),
    sites=("Plan & Section", "The Quiet Facade"),
    palette=("#8d99ae", "#edf2f4", "#bc6c25", "#343a40", "#adb5bd"),
    elsewhere=(
        "木造の小さな図書館",
        "Конструктивизм: лестницы и свет",
        "قوس حجري في حلب القديمة",
        "한옥의 마당과 처마 🏯",
    ),
)

BOOKS = Theme(
    key="books",
    name="Books",
    topics={
        "Reading lists": ("novels in translation", "short books", "quiet mysteries"),
        "Poetry": ("poems to learn by heart", "haiku", "love poems"),
        "Picture books": ("bedtime stories", "wordless picture books", "animal tales"),
        "Bookshops": ("second-hand bookshops", "bookshops by the sea", "reading rooms"),
    },
    styles=("Twelve", "Unforgettable", "Overlooked", "Comforting", "Summer's best"),
    touches=("a cup of tea", "a pencil in hand", "beautiful endpapers"),
    aims=("long train rides", "a reading slump", "winter evenings", "reading aloud"),
    patterns=(
        "{style} {subject}",
        "{subject} for {aim}",
        "{style} {subject} for {aim}",
        "{subject} and {touch}",
    ),
    notes=(
        "Short enough for one evening, long enough to stay.",
        "Read it aloud; it was written for the voice.",
        "The last chapter changes the first.",
        "Borrowed twice, then bought.",
    ),
    boards=("To read", "Read aloud", "Bookshops", "Poems", "Covers"),
    sections=("Novels", "Short", "For children", "Covers"),
    sites=("The Slow Reader", "Marginalia"),
    palette=("#5e503f", "#c6ac8f", "#22333b", "#eae0d5", "#9b2226"),
    elsewhere=(
        "雨の日に読みたい短編小説 📚",
        "Стихи, которые стоит выучить",
        "شعر محمود درويش",
        "कविता की किताबें 📖",
        "ספרי ילדים לפני השינה",
    ),
)

PETS = Theme(
    key="pets",
    name="Pets",
    topics={
        "Dogs": ("rescue dog", "puppy", "old greyhound", "muddy spaniel"),
        "Cats": ("cat on a windowsill", "kitten", "three-legged cat", "very serious cat"),
        "Small animals": ("rabbit", "hedgehog", "pair of budgies", "guinea pig"),
    },
    styles=("Sleepy", "Proud", "First-day", "Snow-day", "Unimpressed"),
    touches=("a red scarf", "a stolen sock", "enormous ears", "a cardboard box"),
    aims=("small flats", "first-time owners", "a bad day", "long walks"),
    patterns=(
        "{style} {subject}",
        "{subject} with {touch}",
        "{style} {subject} with {touch}",
        "{subject} for {aim}",
    ),
    notes=(
        "He has never once sat still for a picture.",
        "She found the box before we found the cat.",
        "Adopted on a Tuesday, head of the household by Friday.",
        "Good company for people who work from home.",
    ),
    boards=("Good dogs", "Cats, mostly", "Small animals", "Pet corner"),
    sections=("Sleeping", "Outside", "Toys to make"),
    sites=("Paws & Pines", "The Window Cat"),
    palette=("#d4a373", "#faedcd", "#6f4e37", "#a8dadc", "#343a40"),
    elsewhere=(
        "うちの猫は箱が好き 🐈",
        "Кот на подоконнике 🐾",
        "강아지 첫 산책 🐕",
        "قطة على النافذة 🐱",
    ),
)

CELEBRATIONS = Theme(
    key="celebrations",
    name="Celebrations",
    topics={
        "Weddings": ("garden wedding", "wedding table", "dried-flower bouquet", "courthouse suit"),
        "Birthdays": ("birthday cake", "party garland", "treasure hunt", "balloon-free party"),
        "Holidays": ("winter table", "advent calendar", "lantern walk", "harvest dinner"),
    },
    styles=("Relaxed", "Handmade", "Candlelit", "Small", "Late-summer", "Colourful"),
    touches=("paper lanterns", "wild flowers", "one long table", "borrowed plates"),
    aims=("forty guests", "six-year-olds", "a small budget", "a rainy day"),
    patterns=(
        "{style} {subject}",
        "{style} {subject} with {touch}",
        "{subject} for {aim}",
        "{subject} with {touch}",
    ),
    notes=(
        "Everything was borrowed, baked or picked that morning.",
        "Make the list, halve it, and start on Wednesday.",
        "The candles did most of the decorating.",
        "Nobody remembers the napkins. Everybody remembers the toast.",
    ),
    boards=("The wedding", "Birthday ideas", "Winter holidays", "Table settings", "Party food"),
    sections=("Table", "Flowers", "Cake", "Invitations"),
    sites=("The Slow Party", "Lantern Lane"),
    palette=("#f2cc8f", "#e07a5f", "#81b29a", "#f4f1de", "#9d4edd"),
    elsewhere=(
        "七五三の和装アイデア 👘",
        "돌잔치 상차림 🎂",
        "زينة رمضان للبيت 🌙",
        "Свадьба в яблоневом саду 🍎",
        "दिवाली की रंगोली 🪔",
    ),
)

WELLNESS = Theme(
    key="wellness",
    name="Wellness",
    topics={
        "Yoga": ("morning yoga flow", "stretch routine", "evening wind-down"),
        "Running": ("5k plan", "trail run", "hill session"),
        "Journaling": ("one-line journal", "habit tracker", "gratitude list"),
        "Sleep": ("bedtime routine", "digital sunset", "afternoon nap"),
    },
    styles=("Ten-minute", "Gentle", "Screen-free", "Four-week", "Realistic"),
    touches=("a paper notebook", "no equipment", "a good playlist", "cold water"),
    aims=("desk workers", "new parents", "beginners", "stiff backs", "busy weeks"),
    patterns=(
        "{style} {subject}",
        "{style} {subject} for {aim}",
        "{subject} with {touch}",
        "{subject} for {aim}",
    ),
    notes=(
        "Do it badly, do it daily.",
        "Nothing to buy and nothing to track.",
        "Set a timer, put the phone in another room.",
        "Small enough to keep on your worst day.",
    ),
    boards=("Morning routine", "Moving more", "Slow evenings", "Journal pages"),
    sections=("Mornings", "Evenings", "Five minutes", "Outside"),
    sites=("Slow Mornings", "The Easy Pace"),
    palette=("#cad2c5", "#84a98c", "#52796f", "#fefae0", "#dda15e"),
    elsewhere=("朝の10分ヨガ 🧘", "아침 스트레칭 루틴", "Утро без телефона ☀️", "روتين صباحي هادئ"),
)

THEMES = (
    FOOD,
    TRAVEL,
    INTERIORS,
    GARDENS,
    FASHION,
    ART,
    DIY,
    OUTDOORS,
    PHOTOGRAPHY,
    ARCHITECTURE,
    BOOKS,
    PETS,
    CELEBRATIONS,
    WELLNESS,
)

FIRST_NAMES = (
    "Aisha", "Akira", "Alma", "Amara", "Anders", "Anouk", "Arjun", "Astrid", "Beatriz", "Ben",
    "Camille", "Carlos", "Chen", "Clara", "Dalia", "Daniel", "Divya", "Dmitri", "Eero", "Elena",
    "Elif", "Emeka", "Esther", "Fatima", "Felix", "Freja", "Gabriel", "Grace", "Hana", "Hassan",
    "Helena", "Hugo", "Ida", "Imran", "Ines", "Isabel", "Ivan", "Jamal", "Jana", "Jonas",
    "Julia", "Kaito", "Karin", "Kofi", "Lars", "Laura", "Leila", "Lena", "Liam", "Lucia",
    "Mads", "Maya", "Mei", "Miguel", "Mila", "Mina", "Nadia", "Naomi", "Nia", "Noah",
    "Nora", "Olga", "Omar", "Oscar", "Paula", "Pavel", "Petra", "Priya", "Quentin", "Rafael",
    "Rania", "Rosa", "Ruben", "Sakura", "Samuel", "Sara", "Selin", "Sofia", "Stefan", "Tara",
    "Teresa", "Thandi", "Theo", "Tomas", "Uma", "Vera", "Victor", "Wanda", "Xavier", "Yara",
    "Yuki", "Yusuf", "Zahra", "Zoe",
)  # fmt: skip

LAST_NAMES = (
    "Abe", "Adeyemi", "Ahmed", "Almeida", "Andersen", "Bauer", "Berg", "Bianchi", "Castillo",
    "Chavez", "Costa", "Dahl", "Demir", "Diaz", "Duarte", "Eriksen", "Farah", "Fischer", "Fontaine",
    "Garcia", "Greco", "Haddad", "Hansen", "Hernandez", "Horvat", "Ito", "Ivanova", "Jansen",
    "Kaya", "Keller", "Khan", "Kim", "Kowalska", "Larsen", "Laurent", "Lim", "Lindgren", "Lopez",
    "Marino", "Martins", "Mensah", "Meyer", "Mori", "Murphy", "Nakamura", "Ndiaye", "Nguyen",
    "Novak", "Okafor", "Oliveira", "Park", "Patel", "Petrov", "Rao", "Ricci", "Rossi", "Roy",
    "Sato", "Schmidt", "Silva", "Singh", "Sousa", "Suzuki", "Tan", "Torres", "Vega", "Virtanen",
    "Walker", "Weber", "Wong", "Yilmaz", "Zhang",
)  # fmt: skip

NAMES_ELSEWHERE = (
    "佐藤 美咲",
    "김민준",
    "Анна Соколова",
    "ليلى حداد",
    "נועה לוי",
    "प्रिया शर्मा",
    "Νίκος Παπαδόπουλος",
    "王芳",
    "Nguyễn Thị Lan",
    "สมชาย ใจดี",
    "Zoë Müller-Ångström",
)

SEASONS = ("Spring", "Summer", "Autumn", "Winter")
"""Topics that go with any theme."""

COMMENTS = (
    "Saved! Trying this at the weekend.",
    "This is exactly what I was looking for.",
    "Where did you find this?",
    "Made it last night. Ten out of ten.",
    "The colours! 😍",
    "Does anyone know if this works without the oven?",
    "We did something similar and never looked back.",
    "Adding this to the list, thank you.",
    "So calm. I could look at this all day.",
    "Took me two tries, but it worked.",
    "Love this ❤️",
    "My grandmother had one just like it.",
    "素敵ですね！",
    "Очень красиво, спасибо!",
    "¡Qué maravilla! 👏",
    "رائع جداً 🌟",
    "너무 예뻐요 💛",
    "बहुत सुंदर!",
    "C'est magnifique.",
    "Wie lange hat das gedauert?",
)

REPLIES = (
    "Thank you! 🙏",
    "Yes, and it keeps for a week.",
    "The link has all the details.",
    "It took an afternoon, with breaks.",
    "Same here!",
    "Please post a picture when you do.",
    "ありがとうございます 😊",
    "Спасибо!",
    "Gracias 💛",
)

NOTES = (
    "for Saturday",
    "ask Maya about this",
    "use less sugar",
    "measure the wall first",
    "gift idea",
    "second page has the pattern",
)
"""Private notes on saved pins."""
